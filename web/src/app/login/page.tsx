import { LoginPage } from "@/features/identity/login-page";

export default function Page() {
  return <LoginPage />;
}
