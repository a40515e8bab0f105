"""CSV files into lives: reading, checking, entering. Knows no terminal; the commands print its answers."""
