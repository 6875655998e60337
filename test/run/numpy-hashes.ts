/** SHA-256 of numpy's `astype('<f2')` and `round(a * float32(255)).astype('uint8')` of each golden volume. */
export const numpyHashes: Readonly<Record<string, { float16: string; uint8: string }>> = {
  "ct_case/000001/Axial_non_contrast": {
    float16: "a66c817de4488166c4f297e6bd9fb8c41974f587efce154b46514f908fdecaef",
    uint8: "0a57b2d5c733f68f6d7f6b9aa6c3ef064c82b923ecb61da3fbb85a62fb2f8eca",
  },
  "ct_case/000002/Coronal C+ portal venous phase": {
    float16: "20a71be9d08b0ad0ccaaaac2fad0dd125422643efcb8fdac10c5b0b99a293002",
    uint8: "229283b120b19348078bdf179abd647b87924e18235e38027a9c141c3e61ebe4",
  },
  "ct_case/000002/Sagittal": {
    float16: "9f11b6ea4ceb61692eb78ee16ad2a2b716092222008afcc8753597679026c826",
    uint8: "bbd32beb707dadadc80cead6faa4f2242bae06f11d14c5379598874e2eda4dd1",
  },
  "ct_case/000003/Axial": {
    float16: "2167022a00636db124383d23ad28f42bf616f94c5ac345c68049613ffef7d95c",
    uint8: "bea147361d9a8088baea00dd2c1aac88c8ae0dc76da6d1f9cff063bf179f297b",
  },
  "ct_case/000004/Axial": {
    float16: "50d7682fb1e73e259c3c6a3a8f30158c5675249457943a8cf9229356f676ee9d",
    uint8: "043f0007c27f0633339ff55f1b3fb34578afbba42147a228bd2ac62d880497c4",
  },
  "ct_case/000005/Axial": {
    float16: "00b15f82d1ac148052b2dd7752af3069bd54d5a58bc78d5d161df370d56ae9d6",
    uint8: "bb25a1456c2670de0d3b04c2a43ceeb3d50781ecd28ddc3148323f25317fd2be",
  },
  "ct_case/000006/mixed_png": {
    float16: "40ec8d523f000732e7276c7515714ea7288eeb29f6b06842f97f2efbb16c4a04",
    uint8: "1dac173842a121cbcd3889f0ed1dcd7d5276bdc388be6aff876e764a0537a35e",
  },
  "ct_case/000007/single": {
    float16: "9e40f39f4b6dd10432be8bf6d86f95462257bac9800b932b8f1eac6c2dbc9a6c",
    uint8: "d84ffa132cd4cfeb4881ee596bd8312e7557ed49f2dc8b74884a2f6189b39a6a",
  },
  "ct_case/000010/Axial «C+» 5µm": {
    float16: "6d1e14224e4b01a758a1a20e49a2d53bfd05a15cf565125cf8cfb36e72cd175c",
    uint8: "e7b25370314f15173e56f30080b4d2198904e7999de702fea11297f6d08251d2",
  },
  "ct_case/000010/Pöschl": {
    float16: "ba4ae746f3e53bba1f6802067ff926e15a86c9d715f0b056ae7bc31e0cd7d923",
    uint8: "f96f260985a2e7aa401035e9e653247cdda66c6e82c4b1533aa96baf17be684b",
  },
  "ct_case/000011/Axial": {
    float16: "4f5e8370424d8c2f4fb6461dc6e13ddbabdc10fdf7903fb65777528f18f83379",
    uint8: "5bdcda28980ded08f7a77eae21ba9da586ca5f8604f1435cf7b248eda049c9f4",
  },
  "ct_case/000012/Axial": {
    float16: "5f2303aae76a05d35f3ecf4eb90e4ddcd50b8cce29238def858dcf77a948567d",
    uint8: "c3937ba55baa6a0423a9c204e9b2c3cbc8091ce5eb0e61d6a275ed942a8437e9",
  },
};
