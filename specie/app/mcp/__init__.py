"""The MCP server: the platform's public API as tools for an assistant, no more than its key may do."""
