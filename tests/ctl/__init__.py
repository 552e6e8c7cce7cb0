"""`ftctl` against units and a witness that answer what a test tells them to."""
