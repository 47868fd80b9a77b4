package dev.holdfast.engine.collection;

import java.util.List;

/** A full backup and its increments, oldest first. */
public record Chain(BackupPath full, List<Link> links) {
    /** {@code directory}: of an increment, below those of its full backup; empty for the full one. */
    public record Link(String directory, Layer layer, Manifest manifest) {}

    public Link last() {
        return links.getLast();
    }
}
