package dev.holdfast.sqlfront.execute;

import dev.holdfast.engine.backup.BackupRequest.BackupTargets;
import dev.holdfast.engine.backup.BackupRequest.TableTarget;
import dev.holdfast.engine.backup.TargetResolver;
import dev.holdfast.engine.cluster.Upstream;
import dev.holdfast.sqlfront.statement.StatementFormatter;
import dev.holdfast.sqlfront.statement.Targets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Optional;
import java.util.stream.Collectors;

/** What the targets of a statement mean in the databases that there are. */
final class BoundTargets {
    private BoundTargets() {}

    /** {@code statement}: its first word, for messages. */
    static BackupTargets resolve(String statement, Targets targets, SessionFacts session, Upstream upstream) throws SQLException {
        var resolver = new TargetResolver(statement, upstream, session.database(), session.schemas());
        return switch (targets) {
            case Targets.Cluster cluster -> BackupTargets.cluster();
            case Targets.Databases databases -> {
                resolver.requireDatabases(databases.names());
                yield BackupTargets.databases(databases.names());
            }
            case Targets.Tables tables -> {
                var resolved = new ArrayList<TableTarget>();
                for (var pattern : tables.patterns()) {
                    resolved.add(resolver.resolve(pattern.qualifiers(), pattern.name()));
                }
                yield BackupTargets.tables(resolved);
            }
        };
    }

    /** Fully qualified, as job descriptions have it; ends with a blank when there is anything. */
    static String describe(BackupTargets targets) {
        return switch (targets.kind()) {
            case CLUSTER -> "";
            case DATABASES ->
                "DATABASE " + targets.databases().stream().map(StatementFormatter::name).collect(Collectors.joining(", ")) + " ";
            case TABLES ->
                "TABLE " + targets.tables().stream().map(BoundTargets::describe).collect(Collectors.joining(", ")) + " ";
        };
    }

    private static String describe(TableTarget table) {
        var qualifiers = new ArrayList<String>();
        qualifiers.add(table.database());
        if (table.schema() != null) {
            qualifiers.add(table.schema());
        }
        return StatementFormatter.pattern(new Targets.TablePattern(qualifiers, Optional.ofNullable(table.name())));
    }
}
