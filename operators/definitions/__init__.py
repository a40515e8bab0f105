"""A definition for people: in words, compared with another, drawn, on one page. It decides nothing."""
