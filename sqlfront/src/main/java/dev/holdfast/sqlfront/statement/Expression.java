package dev.holdfast.sqlfront.statement;

import java.util.List;

/** A constant expression, as AS OF SYSTEM TIME takes it. Which ones mean a time is decided when it is bound. */
public sealed interface Expression {
    record OfText(Text text) implements Expression {}

    record Number(String digits) implements Expression {}

    record Interval(String text) implements Expression {}

    record Call(String function, List<Expression> arguments) implements Expression {}
}
