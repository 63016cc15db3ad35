"""The log of messages: chained, durable before anything is answered, batched into the audit's tree, and proofs from it."""
