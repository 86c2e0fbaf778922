/** Made by the deployment; the API neither changes nor deletes it (auth section 2), so that nobody can lock the operator out. */
export const SYSTEM_ADMIN = "testflinger-admin";
