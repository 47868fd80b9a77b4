package dev.holdfast.sqlfront.execute;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.sqlfront.statement.Text;
import java.util.List;

/** The values of a statement's placeholders, as text; null is NULL. */
public record Parameters(List<String> values) {
    public static final Parameters NONE = new Parameters(List.of());

    public String text(Text text) {
        return switch (text) {
            case Text.Literal literal -> literal.value();
            case Text.Placeholder placeholder -> {
                if (placeholder.number() > values.size()) {
                    throw HoldfastException.of(SqlState.UNDEFINED_PARAMETER, "there is no parameter $" + placeholder.number());
                }
                var value = values.get(placeholder.number() - 1);
                if (value == null) {
                    throw HoldfastException.of(
                            SqlState.INVALID_PARAMETER_VALUE, "parameter $" + placeholder.number() + " must not be null");
                }
                yield value;
            }
        };
    }

    public List<String> texts(List<Text> texts) {
        return texts.stream().map(this::text).toList();
    }
}
