package dev.holdfast.server.demo;

import java.io.PrintWriter;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** A result as psql prints it. */
final class TextTable {
    private final List<String[]> lines = new ArrayList<>();

    private TextTable() {}

    static TextTable of(ResultSet result, String... columns) throws SQLException {
        var table = new TextTable();
        var names = columns.length > 0 ? columns : names(result);
        table.lines.add(names);
        while (result.next()) {
            var values = new String[names.length];
            for (int i = 0; i < names.length; i++) {
                var value = result.getString(names[i]);
                values[i] = value == null ? "" : value;
            }
            table.lines.add(values);
        }
        return table;
    }

    private static String[] names(ResultSet result) throws SQLException {
        var meta = result.getMetaData();
        var names = new String[meta.getColumnCount()];
        for (int i = 0; i < names.length; i++) {
            names[i] = meta.getColumnLabel(i + 1);
        }
        return names;
    }

    void print(PrintWriter out) {
        var widths = new int[lines.getFirst().length];
        for (var line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line[i].length());
            }
        }
        for (int row = 0; row < lines.size(); row++) {
            var text = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                text.append(i == 0 ? " " : " | ").append(lines.get(row)[i]).repeat(" ", widths[i] - lines.get(row)[i].length());
            }
            out.println(text.toString().stripTrailing());
            if (row == 0) {
                var rule = new StringBuilder();
                for (int i = 0; i < widths.length; i++) {
                    rule.append(i == 0 ? "-" : "-+-").repeat("-", widths[i]);
                }
                out.println(rule.append('-'));
            }
        }
    }
}
