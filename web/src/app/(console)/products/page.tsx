import { ProductsPage } from "@/features/catalogue/products-page";

export default function Page() {
  return <ProductsPage />;
}
