package dev.holdfast.engine.collection;

import dev.holdfast.engine.schema.DatabaseSchema;
import dev.holdfast.engine.schema.SequencePosition;
import dev.holdfast.engine.schema.ObjectKind;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One database in a layer.
 *
 * @param complete whether all of it is there, so that it can be restored as a database
 * @param schema of what is there
 * @param counts per table, by object id
 * @param absent what the objects refer to and is not there
 * @param stream where the layer stands in the database's change stream; empty when its history was not kept
 * @param states per table, by object id
 */
public record DatabaseDescriptor(
        int index,
        boolean complete,
        DatabaseSchema schema,
        Map<Integer, Manifest.EntryCounts> counts,
        List<Absent> absent,
        Optional<StreamPosition> stream,
        Map<Integer, TableState> states) {

    /** Something that was not backed up but is needed by what was. */
    public record Absent(int id, ObjectKind kind, long oid, String schema, String name, String identity) {}

    /**
     * The same with its sequences where they stand later: they are in no change, and one that stood where it did at the layer's end
     * would give numbers again that rows have got since.
     */
    public DatabaseDescriptor withSequencesOf(DatabaseDescriptor later) {
        var sequences = schema.sequences().stream()
                .map(sequence -> later.schema.sequences().stream()
                        .filter(other -> other.schema().equals(sequence.schema()) && other.name().equals(sequence.name()))
                        .map(other -> new SequencePosition(
                                sequence.objectId(), sequence.schema(), sequence.name(), other.lastValue(), other.isCalled()))
                        .findFirst()
                        .orElse(sequence))
                .toList();
        var moved = new DatabaseSchema(
                schema.serverVersion(),
                schema.properties(),
                schema.objects(),
                schema.tables(),
                sequences,
                schema.extensions(),
                schema.largeObjects(),
                schema.remarks());
        return new DatabaseDescriptor(index, complete, moved, counts, absent, stream, states);
    }

    /** Of a table that has no state of its own, all rows are in the layer. */
    public TableState state(int objectId) {
        return states.getOrDefault(objectId, TableState.BASE);
    }

    public String name() {
        return schema.properties().name();
    }
}
