"""The REST API: what the console and the command line offer, for programs. Through the same services and the same door."""
