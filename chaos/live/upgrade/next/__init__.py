"""What the next program has and today's has not; `next_program` puts it into a copy of today's."""
