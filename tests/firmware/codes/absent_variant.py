"""What a port without the inline assembler makes of an `asm_thumb` file."""

raise SyntaxError("invalid micropython decorator")
