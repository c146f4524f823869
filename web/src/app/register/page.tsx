import { RegisterPage } from "@/features/identity/register-page";

export default function Page() {
  return <RegisterPage />;
}
