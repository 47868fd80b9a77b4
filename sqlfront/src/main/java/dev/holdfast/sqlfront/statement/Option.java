package dev.holdfast.sqlfront.statement;

import java.util.List;
import java.util.Optional;

/**
 * One element of a WITH list, as written. Options become typed, and unknown and duplicate ones fail, when the statement
 * is bound; that is what the position (1-based, in characters) is for.
 *
 * @param name lower case; several words are joined by one space
 */
public record Option(String name, Optional<Value> value, int position) {
    public sealed interface Value {
        record Flag(boolean value) implements Value {}

        record Number(String digits) implements Value {}

        record Single(Text text) implements Value {}

        record Many(List<Text> texts) implements Value {}
    }

    /** Where an option stands has no meaning: two statements that differ in it alone are equal. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Option option && name.equals(option.name) && value.equals(option.value);
    }

    @Override
    public int hashCode() {
        return name.hashCode() * 31 + value.hashCode();
    }
}
