"""What people write: conditions in words, programmes and promotions in files. Read, checked and printed."""
