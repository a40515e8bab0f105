"""Many placements at once: frozen, tried, confirmed, carried out. The console and the API do it through this alone."""
