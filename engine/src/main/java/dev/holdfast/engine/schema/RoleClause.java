package dev.holdfast.engine.schema;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A statement with a list of roles in it of which some may be left out: CREATE POLICY. Leaving out a whole policy because one
 * of its roles is missing would open a table (a restrictive policy) or close it (a permissive one) to the others.
 */
public record RoleClause(String before, List<String> roles, String after) {
    public String statement(List<String> chosen) {
        return before + chosen.stream().map(Quoting::identifier).collect(Collectors.joining(", ")) + after;
    }
}
