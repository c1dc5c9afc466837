"""The conversation with a token: connection, requests, typed answers, finding ports."""
