package dev.holdfast.sqlfront.bind;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import dev.holdfast.sqlfront.statement.Option;
import dev.holdfast.sqlfront.statement.Text;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A WITH list whose names have been checked: none is unknown, none stands there twice. */
public final class Options {
    /** These say "option" in the message about a duplicate, as CockroachDB's parser does. */
    private static final Set<String> CALLED_OPTION = Set.of(
            "revision_history",
            "detached",
            "incremental_location",
            "execution locality",
            "updates_cluster_monitoring_metrics");

    private final Map<String, Option> byName;

    private Options(Map<String, Option> byName) {
        this.byName = byName;
    }

    /** {@code statement} is for messages: BACKUP, SHOW BACKUP. */
    public static Options check(String statement, List<Option> options, Set<String> known) {
        var byName = new HashMap<String, Option>();
        for (var option : options) {
            if (!known.contains(option.name())) {
                throw HoldfastException.of(SqlState.SYNTAX_ERROR, "unrecognized " + statement + " option \"" + option.name() + "\"")
                        .withHint(known.isEmpty()
                                ? statement + " takes no options."
                                : "Options of " + statement + " are: " + String.join(", ", known.stream().sorted().toList()) + ".")
                        .at(option.position());
            }
            if (byName.put(option.name(), option) != null) {
                throw HoldfastException.of(
                                SqlState.SYNTAX_ERROR,
                                "syntax error: " + option.name() + (CALLED_OPTION.contains(option.name()) ? " option" : "")
                                        + " specified multiple times")
                        .at(option.position());
            }
        }
        return new Options(byName);
    }

    /** An option that is on when it is named, unless it says FALSE. */
    public boolean flag(String name) {
        var option = byName.get(name);
        if (option == null) {
            return false;
        }
        return switch (option.value().orElse(new Option.Value.Flag(true))) {
            case Option.Value.Flag flag -> flag.value();
            default -> throw invalid(option, "takes TRUE or FALSE");
        };
    }

    public Optional<Text> text(String name) {
        var option = byName.get(name);
        if (option == null) {
            return Optional.empty();
        }
        return switch (option.value().orElseThrow(() -> invalid(option, "requires a value"))) {
            case Option.Value.Single single -> Optional.of(single.text());
            case Option.Value.Flag flag -> Optional.of(Text.of(Boolean.toString(flag.value())));
            case Option.Value.Number number -> Optional.of(Text.of(number.digits()));
            case Option.Value.Many many -> throw invalid(option, "takes one value");
        };
    }

    /** One or several; empty when the option is not there. */
    public List<Text> texts(String name) {
        var option = byName.get(name);
        if (option == null) {
            return List.of();
        }
        return option.value().orElseThrow(() -> invalid(option, "requires a value")) instanceof Option.Value.Many many
                ? many.texts()
                : List.of(text(name).orElseThrow());
    }

    private static HoldfastException invalid(Option option, String what) {
        return HoldfastException.of(SqlState.SYNTAX_ERROR, "option \"" + option.name() + "\" " + what).at(option.position());
    }
}
