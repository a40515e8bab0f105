"""The REST API: what the console and the command line offer, for programs, through the same services and one door."""
