package dev.holdfast.engine.cloud.azure;

import dev.holdfast.engine.storage.UriParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Who asks Azure for something: the parameters that storage and KMS URIs have in common. */
public record AzureAccess(
        Optional<String> auth, Optional<String> tenant, Optional<String> client, Optional<String> secret, AzureCloud cloud) {
    private static final String TENANT = "AZURE_TENANT_ID";
    private static final String CLIENT = "AZURE_CLIENT_ID";
    private static final String SECRET = "AZURE_CLIENT_SECRET";

    public static AzureAccess take(UriParameters parameters) {
        return new AzureAccess(
                parameters.take("AUTH"),
                parameters.take(TENANT),
                parameters.take(CLIENT),
                // A plus that was not percent-encoded has become a blank; there are no blanks in it.
                parameters.take(SECRET).map(text -> text.replace(' ', '+')),
                parameters.take("AZURE_ENVIRONMENT").map(AzureCloud::named).orElse(AzureCloud.AZUREPUBLICCLOUD));
    }

    public boolean isImplicit() {
        return auth.filter("implicit"::equals).isPresent();
    }

    /** Of an application that logs in with a secret, those of its three parameters that are there, or that are not. */
    public List<String> clientParameters(boolean present) {
        var names = new ArrayList<String>();
        if (tenant.isPresent() == present) {
            names.add(TENANT);
        }
        if (client.isPresent() == present) {
            names.add(CLIENT);
        }
        if (secret.isPresent() == present) {
            names.add(SECRET);
        }
        return names;
    }

    @Override
    public String toString() {
        return "Azure access of " + client.orElse("this machine");
    }
}
