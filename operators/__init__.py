"""Shows: what people use to ask questions and to act. Every change goes through the engine's one door."""
