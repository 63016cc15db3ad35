"""Messages: signed (RFC 9421), bound to their body and to the request they answer, and sealed to the receiver (JWE)."""
