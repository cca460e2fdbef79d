"""Parameters of a query from a sentence, by a language model that the user names."""

from innerspace.natural_language.client import OpenAIClientConfig

__all__ = ["OpenAIClientConfig"]
