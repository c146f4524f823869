import { ForgotPasswordPage } from "@/features/identity/forgot-password-page";

export default function Page() {
  return <ForgotPasswordPage />;
}
