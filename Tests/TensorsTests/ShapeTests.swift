import Tensors
import Testing

@Suite struct ShapeTests {
  @Test func stridesAreRowMajor() {
    #expect(Shape([2, 3, 4]).strides == [12, 4, 1])
    #expect(Shape([]).count == 1)
    #expect(Shape([2, 0]).count == 0)
    #expect(Shape([1, 64, 56]).description == "1x64x56")
  }
}
