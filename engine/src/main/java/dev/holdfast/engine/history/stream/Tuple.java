package dev.holdfast.engine.history.stream;

import java.util.Arrays;

/**
 * One row image of a change, still in the message's bytes: names and values by their places in it. Reused from message to
 * message.
 */
public final class Tuple {
    /** How a value stands in the message. */
    public enum Form {
        NULL,
        /** A large value that the change left as it was, and that was not logged again. */
        UNCHANGED,
        /** As it is: numbers. */
        PLAIN,
        /** In single quotes, with those inside doubled. */
        QUOTED,
        TRUE,
        FALSE
    }

    private byte[] bytes;
    private int count;
    private int[] nameFrom = new int[16];
    private int[] nameTo = new int[16];
    private int[] valueFrom = new int[16];
    private int[] valueTo = new int[16];
    private Form[] forms = new Form[16];

    void reset(byte[] message) {
        bytes = message;
        count = 0;
    }

    /** The name's bytes as they stand there, quotes included. */
    void add(int nameStart, int nameEnd, Form form, int valueStart, int valueEnd) {
        if (count == forms.length) {
            int size = count * 2;
            nameFrom = Arrays.copyOf(nameFrom, size);
            nameTo = Arrays.copyOf(nameTo, size);
            valueFrom = Arrays.copyOf(valueFrom, size);
            valueTo = Arrays.copyOf(valueTo, size);
            forms = Arrays.copyOf(forms, size);
        }
        nameFrom[count] = nameStart;
        nameTo[count] = nameEnd;
        forms[count] = form;
        valueFrom[count] = valueStart;
        valueTo[count] = valueEnd;
        count++;
    }

    public int count() {
        return count;
    }

    public Form form(int column) {
        return forms[column];
    }

    public boolean isNamed(int column, byte[] quotedName) {
        return Arrays.equals(bytes, nameFrom[column], nameTo[column], quotedName, 0, quotedName.length);
    }

    /** Where the value is in {@link #bytes()}, without its quotes. */
    public int from(int column) {
        return valueFrom[column];
    }

    public int to(int column) {
        return valueTo[column];
    }

    public byte[] bytes() {
        return bytes;
    }
}
