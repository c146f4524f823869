import { ResetPasswordPage } from "@/features/identity/reset-password-page";

export default function Page() {
  return <ResetPasswordPage />;
}
