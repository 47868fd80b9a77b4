package dev.holdfast.engine.cloud;

/**
 * Where the services of clouds are, if not where their owners run them: private clouds, gateways, emulators. Empty: the owner's,
 * which for Azure depends on the URI.
 *
 * @param azureBlob with {@code {account}} where the account's name belongs
 * @param azureVault with {@code {vault}} where the vault's name belongs
 */
public record CloudEndpoints(
        String googleStorage, String googleKms, String googleIam, String azureBlob, String azureVault, String azureLogin) {
    public static final CloudEndpoints PUBLIC = new CloudEndpoints("", "", "", "", "", "");

    public CloudEndpoints {
        googleStorage = either(googleStorage, "https://storage.googleapis.com");
        googleKms = either(googleKms, "https://cloudkms.googleapis.com");
        googleIam = either(googleIam, "https://iamcredentials.googleapis.com");
    }

    private static String either(String given, String otherwise) {
        return given.isEmpty() ? otherwise : given;
    }
}
