package dev.holdfast.sqlfront.statement;

import java.util.Set;

/** Words that the grammar does not take as a name unless they are quoted. */
final class Reserved {
    private static final Set<String> WORDS =
            Set.of("as", "default", "false", "from", "in", "into", "table", "to", "true", "with");

    private Reserved() {}

    static boolean isReserved(String word) {
        // DATABASE and its like are names everywhere but at the beginning of a target list, where a target stands too.
        return WORDS.contains(word) || word.equals("database") || word.equals("latest");
    }
}
