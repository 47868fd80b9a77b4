package dev.holdfast.sqlfront.statement;

import dev.holdfast.sqlfront.statement.Statement.AlterBackup;
import dev.holdfast.sqlfront.statement.Statement.Backup;
import dev.holdfast.sqlfront.statement.Statement.ConfigureZone;
import dev.holdfast.sqlfront.statement.Statement.ControlJobs;
import dev.holdfast.sqlfront.statement.Statement.CreateConnection;
import dev.holdfast.sqlfront.statement.Statement.Destination;
import dev.holdfast.sqlfront.statement.Statement.DropConnection;
import dev.holdfast.sqlfront.statement.Statement.JobSelection;
import dev.holdfast.sqlfront.statement.Statement.Restore;
import dev.holdfast.sqlfront.statement.Statement.RestoreHistory;
import dev.holdfast.sqlfront.statement.Statement.SetClusterSetting;
import dev.holdfast.sqlfront.statement.Statement.ShowAllClusterSettings;
import dev.holdfast.sqlfront.statement.Statement.ShowBackup;
import dev.holdfast.sqlfront.statement.Statement.ShowBackups;
import dev.holdfast.sqlfront.statement.Statement.ShowClusterSetting;
import dev.holdfast.sqlfront.statement.Statement.ShowConnections;
import dev.holdfast.sqlfront.statement.Statement.ShowHistory;
import dev.holdfast.sqlfront.statement.Statement.ShowJobs;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Prints statements in the one spelling that job descriptions use. What it prints parses to an equal statement. */
public final class StatementFormatter {
    private StatementFormatter() {}

    public static String format(Statement statement) {
        return switch (statement) {
            case Backup backup ->
                "BACKUP" + targets(backup.targets()) + " INTO " + destination(backup.destination()) + asOf(backup.asOf())
                        + options(backup.options());
            case Restore restore ->
                "RESTORE" + targets(restore.targets()) + " FROM " + text(restore.subdirectory()) + " IN "
                        + texts(restore.uris()) + asOf(restore.asOf()) + options(restore.options());
            case RestoreHistory restore ->
                "RESTORE" + targets(restore.targets()) + restore.newTable().map(table -> " AS " + pattern(table)).orElse("")
                        + " FROM HISTORY" + asOf(Optional.of(restore.asOf())) + options(restore.options());
            case ShowBackups show -> "SHOW BACKUPS IN " + texts(show.uris()) + options(show.options());
            case ShowBackup show ->
                "SHOW BACKUP" + detail(show.detail()) + " FROM " + text(show.subdirectory()) + " IN " + texts(show.uris())
                        + options(show.options());
            case AlterBackup alter ->
                "ALTER BACKUP " + text(alter.backup()) + alter.collection().map(uri -> " IN " + text(uri)).orElse("")
                        + alter.additions().stream()
                                .map(add -> " ADD NEW_KMS = " + texts(add.newKms()) + " WITH OLD_KMS = " + texts(add.oldKms()))
                                .collect(Collectors.joining());
            case CreateConnection create ->
                "CREATE EXTERNAL CONNECTION " + (create.ifNotExists() ? "IF NOT EXISTS " : "") + text(create.name()) + " AS "
                        + text(create.uri());
            case DropConnection drop -> "DROP EXTERNAL CONNECTION " + text(drop.name());
            case ShowConnections show ->
                "SHOW " + (show.create() ? "CREATE " : "")
                        + show.name()
                                .map(name -> "EXTERNAL CONNECTION " + text(name))
                                .orElse(show.create() ? "ALL EXTERNAL CONNECTIONS" : "EXTERNAL CONNECTIONS");
            case ShowJobs show -> "SHOW" + shownJobs(show);
            case ControlJobs control ->
                control.command() + jobs(control.selection(), "")
                        + control.reason().map(reason -> " WITH REASON = " + text(reason)).orElse("");
            case SetClusterSetting set ->
                "SET CLUSTER SETTING " + set.name() + " = " + set.value().map(StatementFormatter::text).orElse("DEFAULT");
            case ShowClusterSetting show -> "SHOW CLUSTER SETTING " + show.name();
            case ShowAllClusterSettings show -> "SHOW CLUSTER SETTINGS";
            case ConfigureZone zone ->
                "ALTER" + targets(zone.target()) + " CONFIGURE ZONE "
                        + (zone.options().isEmpty()
                                ? "DISCARD"
                                : "USING "
                                        + zone.options().stream()
                                                .map(option -> option.name() + " = " + text(option.value()))
                                                .collect(Collectors.joining(", ")));
            case ShowHistory show -> "SHOW HISTORY";
        };
    }

    private static String detail(Statement.Detail detail) {
        return switch (detail) {
            case DEFAULT -> "";
            case SCHEMAS -> " SCHEMAS";
            case VALIDATE -> " VALIDATE";
        };
    }

    private static String shownJobs(ShowJobs show) {
        return show.selection() instanceof JobSelection.Recent recent && recent.automatic()
                ? " AUTOMATIC JOBS"
                : jobs(show.selection(), show.whenComplete() ? " WHEN COMPLETE" : "");
    }

    private static String jobs(JobSelection selection, String whenComplete) {
        return switch (selection) {
            case JobSelection.Recent recent -> " JOBS";
            case JobSelection.One one -> " JOB" + whenComplete + " " + text(one.id());
            case JobSelection.OfQuery query -> " JOBS" + whenComplete + " " + query.query();
            case JobSelection.OfType type -> " ALL " + type.type() + " JOBS";
        };
    }

    private static String targets(Targets targets) {
        return switch (targets) {
            case Targets.Cluster cluster -> "";
            case Targets.Databases databases ->
                " DATABASE " + databases.names().stream().map(StatementFormatter::name).collect(Collectors.joining(", "));
            case Targets.Tables tables ->
                " TABLE " + tables.patterns().stream().map(StatementFormatter::pattern).collect(Collectors.joining(", "));
        };
    }

    public static String pattern(Targets.TablePattern pattern) {
        var prefix = pattern.qualifiers().stream().map(q -> name(q) + ".").collect(Collectors.joining());
        return prefix + pattern.name().map(StatementFormatter::name).orElse("*");
    }

    private static String destination(Destination destination) {
        return switch (destination) {
            case Destination.Collection collection -> texts(collection.uris());
            case Destination.Latest latest -> "LATEST IN " + texts(latest.uris());
            case Destination.Subdirectory sub -> text(sub.subdirectory()) + " IN " + texts(sub.uris());
        };
    }

    /** As it stands behind the URIs, with the blank before it. */
    public static String asOf(Optional<Expression> expression) {
        return expression.map(e -> " AS OF SYSTEM TIME " + expression(e)).orElse("");
    }

    private static String expression(Expression expression) {
        return switch (expression) {
            case Expression.OfText text -> text(text.text());
            case Expression.Number number -> number.digits();
            case Expression.Interval interval -> "INTERVAL " + literal(interval.text());
            case Expression.Call call ->
                name(call.function()) + call.arguments().stream()
                        .map(StatementFormatter::expression)
                        .collect(Collectors.joining(", ", "(", ")"));
        };
    }

    private static String options(List<Option> options) {
        return options.isEmpty()
                ? ""
                : options.stream().map(StatementFormatter::option).collect(Collectors.joining(", ", " WITH ", ""));
    }

    private static String option(Option option) {
        var value = option.value()
                .map(v -> " = "
                        + switch (v) {
                            case Option.Value.Flag flag -> Boolean.toString(flag.value()).toUpperCase(Locale.ROOT);
                            case Option.Value.Number number -> number.digits();
                            case Option.Value.Single single -> text(single.text());
                            case Option.Value.Many many -> texts(many.texts());
                        });
        return option.name() + value.orElse("");
    }

    private static String texts(List<Text> texts) {
        return texts.size() == 1
                ? text(texts.getFirst())
                : texts.stream().map(StatementFormatter::text).collect(Collectors.joining(", ", "(", ")"));
    }

    private static String text(Text text) {
        return switch (text) {
            case Text.Literal literal -> literal(literal.value());
            case Text.Placeholder placeholder -> "$" + placeholder.number();
        };
    }

    /** As PostgreSQL prints a literal: E'' only when there is a backslash in it. */
    public static String literal(String value) {
        var quoted = "'" + value.replace("'", "''") + "'";
        return value.indexOf('\\') < 0 ? quoted : "e" + quoted.replace("\\", "\\\\");
    }

    /** An identifier, quoted unless it is a plain lower-case word that is no keyword of the grammar's clauses. */
    public static String name(String name) {
        return name.matches("[a-z_][a-z0-9_]*") && !Reserved.isReserved(name) ? name : "\"" + name.replace("\"", "\"\"") + "\"";
    }
}
