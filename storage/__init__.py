"""What remembers: rows, transactions, migrations, read-only queries. It decides nothing."""
