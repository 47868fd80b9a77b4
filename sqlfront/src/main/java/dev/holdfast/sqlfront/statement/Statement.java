package dev.holdfast.sqlfront.statement;

import java.util.List;
import java.util.Optional;

/** Holdfast's own statements, as written. Immutable; {@link StatementFormatter} prints them back. */
public sealed interface Statement {
    record Backup(Targets targets, Destination destination, Optional<Expression> asOf, List<Option> options) implements Statement {}

    sealed interface Destination {
        List<Text> uris();

        /** A new full backup in the collection. */
        record Collection(List<Text> uris) implements Destination {}

        /** An increment on the newest full backup. */
        record Latest(List<Text> uris) implements Destination {}

        /** An increment on the full backup in that subdirectory. */
        record Subdirectory(Text subdirectory, List<Text> uris) implements Destination {}
    }

    record Restore(Targets targets, Text subdirectory, List<Text> uris, Optional<Expression> asOf, List<Option> options)
            implements Statement {}

    /** {@code newTable}: what the one table that is restored is to be called. */
    record RestoreHistory(Targets targets, Optional<Targets.TablePattern> newTable, Expression asOf, List<Option> options)
            implements Statement {}

    record ShowBackups(List<Text> uris, List<Option> options) implements Statement {}

    record ShowBackup(Detail detail, Text subdirectory, List<Text> uris, List<Option> options) implements Statement {}

    enum Detail {
        DEFAULT,
        SCHEMAS,
        VALIDATE
    }

    /** {@code backup} is a subdirectory of the collection, or a whole URI when there is none. */
    record AlterBackup(Text backup, Optional<Text> collection, List<KmsAddition> additions) implements Statement {}

    record KmsAddition(List<Text> newKms, List<Text> oldKms) {}

    record CreateConnection(Text name, Text uri, boolean ifNotExists) implements Statement {}

    record DropConnection(Text name) implements Statement {}

    /** Without a name: all of them. {@code create}: as the statements that make them, secrets included. */
    record ShowConnections(Optional<Text> name, boolean create) implements Statement {}

    record ShowJobs(JobSelection selection, boolean whenComplete) implements Statement {}

    record ControlJobs(JobCommand command, JobSelection selection, Optional<Text> reason) implements Statement {}

    enum JobCommand {
        PAUSE,
        RESUME,
        CANCEL
    }

    sealed interface JobSelection {
        /** The list form: jobs of automatic kinds, or of all others. */
        record Recent(boolean automatic) implements JobSelection {}

        record One(Text id) implements JobSelection {}

        /** The ids that an ordinary query returns; its text goes to the upstream as it stands. */
        record OfQuery(String query) implements JobSelection {}

        /** Every unfinished job of a type. */
        record OfType(String type) implements JobSelection {}
    }

    /** SET CLUSTER SETTING; without a value: to its default. */
    record SetClusterSetting(String name, Optional<Text> value) implements Statement {}

    record ShowClusterSetting(String name) implements Statement {}

    record ShowAllClusterSettings() implements Statement {}

    /** ALTER ... CONFIGURE ZONE, of a database or of a table: what is said, by name; nothing: DISCARD of what was said. */
    record ConfigureZone(Targets target, List<ZoneOption> options) implements Statement {}

    record ZoneOption(String name, Text value) {}

    record ShowHistory() implements Statement {}
}
