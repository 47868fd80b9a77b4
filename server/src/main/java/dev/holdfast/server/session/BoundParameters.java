package dev.holdfast.server.session;

import dev.holdfast.server.wire.MessageReader;
import dev.holdfast.sqlfront.execute.Parameters;
import dev.holdfast.sqlfront.result.ColumnType;
import java.util.ArrayList;
import java.util.List;

/**
 * The parameters of a Bind, read as text:
 * <pre>int16 number of formats, int16 each; int16 number of values; each int32 length or -1, bytes</pre>
 */
final class BoundParameters {
    private static final int INT2 = 21;
    private static final int INT4 = 23;
    private static final int INT8 = 20;

    private BoundParameters() {}

    static Parameters read(MessageReader reader, List<ColumnType> types, int[] declaredOids) {
        var formats = reader.int16Array(reader.uint16());
        int count = reader.uint16();
        var values = new ArrayList<String>(count);
        for (int i = 0; i < count; i++) {
            int length = reader.int32();
            if (length < 0) {
                values.add(null);
                continue;
            }
            boolean binary = formats.length == 1 ? formats[0] == 1 : i < formats.length && formats[i] == 1;
            values.add(binary && isInteger(i, types, declaredOids) ? Long.toString(reader.integer(length)) : reader.text(length));
        }
        return new Parameters(values);
    }

    private static boolean isInteger(int index, List<ColumnType> types, int[] declaredOids) {
        if (index < declaredOids.length && declaredOids[index] != 0) {
            int oid = declaredOids[index];
            return oid == INT2 || oid == INT4 || oid == INT8;
        }
        return index < types.size() && types.get(index) == ColumnType.INT8;
    }
}
