"""The web console: pages for those who operate placements, rendered on the server, complete without JavaScript."""
