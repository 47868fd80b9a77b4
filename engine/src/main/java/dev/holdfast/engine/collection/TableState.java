package dev.holdfast.engine.collection;

import java.util.Optional;

/**
 * What a layer has of a table.
 *
 * @param base all rows that it had at the layer's end; else only what has changed since the layer before
 * @param captured whether the next layer can go on from here with changes
 * @param firstBreak up to here the layer's changes lead on from the layer before; empty: all the way
 * @param lastBreak from here on they lead up to the layer's base; empty: all the way
 */
public record TableState(
        boolean base, boolean captured, Optional<StreamPosition.Moment> firstBreak, Optional<StreamPosition.Moment> lastBreak) {
    public static final TableState BASE = new TableState(true, false, Optional.empty(), Optional.empty());
}
