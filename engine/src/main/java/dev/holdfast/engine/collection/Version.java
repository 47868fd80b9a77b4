package dev.holdfast.engine.collection;

/** How manifests name what wrote them. */
public final class Version {
    public static final String WRITER = "holdfast 0.1.0";

    private Version() {}
}
