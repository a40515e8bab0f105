"""What goes to an auditor: one file that checks a bundle and needs nothing of this project."""
