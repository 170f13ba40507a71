"""AlphaForge: agent-centric quantitative research and execution for crypto perpetuals."""

__version__ = "0.1.0"
