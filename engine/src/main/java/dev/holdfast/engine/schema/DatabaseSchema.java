package dev.holdfast.engine.schema;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The definition of everything in one database.
 *
 * @param serverVersion of the source, as server_version_num: 180006
 * @param objects in an order in which they can be created, sections in their order
 * @param tables whose rows are exported
 * @param remarks what could not be read or ordered, for the user to see; usually empty
 */
public record DatabaseSchema(
        int serverVersion,
        DatabaseProperties properties,
        List<SchemaObject> objects,
        List<TableRows> tables,
        List<SequencePosition> sequences,
        List<Extension> extensions,
        List<LargeObjects> largeObjects,
        List<String> remarks) {

    /**
     * The same definitions, with what has no past as {@code later} has it. A sequence stands where all values are behind it that
     * either schema knows of: rows from the time between hold them.
     */
    public DatabaseSchema withPositionsOf(DatabaseSchema later) {
        var positions = later.positionsByOid();
        var own = positionsByOid();
        var moved = new ArrayList<SequencePosition>();
        own.forEach((sequence, position) ->
                moved.add(positions.containsKey(sequence) ? position.beyond(positions.get(sequence)) : position));
        return new DatabaseSchema(serverVersion, properties, objects, tables, List.copyOf(moved), extensions, largeObjects, remarks);
    }

    public DatabaseSchema withLargeObjectsOf(DatabaseSchema later) {
        return new DatabaseSchema(
                serverVersion, properties, objects, tables, sequences, extensions, later.largeObjects, remarks);
    }

    /** One of an extension is told by the extension and its name. */
    private record SequenceKey(long oid, String name) {}

    private Map<SequenceKey, SequencePosition> positionsByOid() {
        var oids = new HashMap<Integer, SchemaObject>();
        objects.forEach(object -> oids.put(object.id(), object));
        var byOid = new LinkedHashMap<SequenceKey, SequencePosition>();
        for (var position : sequences) {
            var creator = oids.get(position.objectId());
            byOid.put(new SequenceKey(creator.oid(), creator.kind() == ObjectKind.EXTENSION ? position.name() : ""), position);
        }
        return byOid;
    }

    public int majorVersion() {
        return serverVersion / 10000;
    }
}
