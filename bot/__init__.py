"""The process around the engine: start-up, settings, storage, languages and the local chat."""
