package dev.holdfast.sqlfront.statement;

/** Where the grammar takes a string: written out (an identifier counts as one) or a placeholder. */
public sealed interface Text {
    record Literal(String value) implements Text {}

    record Placeholder(int number) implements Text {}

    static Text of(String value) {
        return new Literal(value);
    }
}
