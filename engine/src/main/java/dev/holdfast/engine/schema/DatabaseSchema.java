package dev.holdfast.engine.schema;

import java.util.List;

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

    public int majorVersion() {
        return serverVersion / 10000;
    }
}
