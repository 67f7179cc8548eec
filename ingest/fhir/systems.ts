/**
 * The identifier systems, code systems and extensions of event messages, as their readers and writer name them.
 * Where several spellings of a system occur they are listed together; the first is the one we write.
 *
 * Source: nhsconnect/Events-Management (January 2025) and its example messages.
 */

export const SYSTEMS = {
  NHS_NUMBER: "https://fhir.nhs.uk/Id/nhs-number",
  ODS_ORGANISATION: "https://fhir.nhs.uk/Id/ods-organization-code",
  ODS_SITE: "https://fhir.nhs.uk/Id/ods-site-code",
  EVENT: "https://fhir.nhs.uk/STU3/CodeSystem/EventType-1",
  MESSAGE_TYPE: "https://fhir.nhs.uk/STU3/CodeSystem/MessageEventType-1",
  SNOMED: "http://snomed.info/sct",
  LOINC: "http://loinc.org",
  ENCOUNTER_TYPE: "https://fhir.nhs.uk/STU3/CodeSystem/DCH-ChildHealthEncounterType-1",
  COMMENT_TYPE: "https://fhir.nhs.uk/STU3/CodeSystem/DCH-ProfessionalCommentType-1",
  SERVICE_TYPE: "https://fhir.nhs.uk/STU3/CodeSystem/EMS-HealthcareServiceType-1",
  CARE_PROVISION: "https://fhir.nhs.uk/STU3/CodeSystem/EMS-PDS-PatientCareProvisionType-1",
  BIRTH_EPISODE: "https://fhir.nhs.uk/STU3/CodeSystem/BirthEpisodeCategory-1",
  STILLBIRTH: "https://fhir.nhs.uk/STU3/CodeSystem/EMS-PDS-StillBornIndicator-1",
  ABNORMALITY: "https://fhir.nhs.uk/STU3/CodeSystem/EMS-PDS-SuspectedCongenitalAbnormalityIndicator-1",
  DEATH_STATUS: "https://fhir.hl7.org.uk/STU3/CodeSystem/CareConnect-DeathNotificationStatus-1",
  ROLE: "http://hl7.org/fhir/v3/RoleCode",
  RELATIONSHIP: "https://fhir.nhs.uk/STU3/CodeSystem/PersonRelationshipType-1",
  UNITS: "http://unitsofmeasure.org",
} as const;

export const VERIFICATION_SYSTEMS = [
  "https://fhir.hl7.org.uk/STU3/CodeSystem/CareConnect-NHSNumberVerificationStatus-1",
  "https://fhir.hl7.org.uk/STU3/CareConnect-NHSNumberVerificationStatus-1",
  "https://fhir.nhs.uk/STU3/CodeSystem/CareConnect-NHSNumberVerificationStatus-1",
] as const;

export const ETHNIC_CATEGORY_SYSTEMS = [
  "https://fhir.hl7.org.uk/STU3/CodeSystem/CareConnect-EthnicCategory-1",
  "https://fhir.hl7.org.uk/STU3/CareConnect-EthnicCategory-1",
] as const;

/** The messages name a value set as the system of these SNOMED CT codes. */
export const BLOOD_SPOT_OUTCOME_SYSTEMS = [
  "https://fhir.nhs.uk/STU3/ValueSet/DCH-BloodSpotOutcome-1",
  SYSTEMS.SNOMED,
] as const;

export const EXTENSIONS = {
  ROUTING: "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-RoutingDemographics-1",
  MESSAGE_TYPE: "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-MessageEventType-1",
  VERIFICATION: "https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect-NHSNumberVerificationStatus-1",
  ETHNIC_CATEGORY: "https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect-EthnicCategory-1",
  DEATH_STATUS: "https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect-DeathNotificationStatus-1",
  BIRTH_TIME: "http://hl7.org/fhir/StructureDefinition/patient-birthTime",
} as const;

/** A reference to an organisation may be its address in the national directory, ending in its ODS code. */
export const ODS_DIRECTORY = "https://directory.spineservices.nhs.uk/STU3/Organization/";
