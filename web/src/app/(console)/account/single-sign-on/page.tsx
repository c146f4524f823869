import { SsoSettingsPage } from "@/features/identity/sso-settings-page";

export default function Page() {
  return <SsoSettingsPage />;
}
